// Goroutines on one processor that are started and waited for.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

func spawn(count int, wait *sync.WaitGroup) {
	wait.Add(count)
	for i := 0; i < count; i++ {
		go wait.Done()
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	count := 1_000_000
	if len(os.Args) > 1 && os.Args[1] == "--smoke" {
		count = 10_000
	}
	var all sync.WaitGroup
	start := time.Now()
	for i := 0; i < count/1000; i++ {
		spawn(1000, &all)
		all.Wait()
	}
	fmt.Printf("go by_thousand %.6g\n", float64(time.Since(start).Nanoseconds())/float64(count))

	start = time.Now()
	spawn(count, &all)
	all.Wait()
	fmt.Printf("go at_once %.6g\n", float64(time.Since(start).Nanoseconds())/float64(count))
}
