// Messages from one goroutine to another through a channel, on one processor.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

func through(capacity, count int) float64 {
	queue := make(chan int, capacity)
	start := time.Now()
	go func() {
		for i := 0; i < count; i++ {
			queue <- i
		}
	}()
	for i := 0; i < count; i++ {
		if <-queue != i {
			panic("out of order")
		}
	}
	return float64(time.Since(start).Nanoseconds()) / float64(count)
}

func main() {
	runtime.GOMAXPROCS(1)
	count := 1_000_000
	if len(os.Args) > 1 && os.Args[1] == "--smoke" {
		count = 10_000
	}
	fmt.Printf("go ping_pong %.6g\n", through(1, count))
	fmt.Printf("go capacity_128 %.6g\n", through(128, count))
}
