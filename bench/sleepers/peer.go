// Goroutines on one processor that sleep from 1 to 1000 ms.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

func processorTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func main() {
	runtime.GOMAXPROCS(1)
	count := 200_000
	if len(os.Args) > 1 && os.Args[1] == "--smoke" {
		count = 2_000
	}
	var all sync.WaitGroup
	start := processorTime()
	for i := 0; i < count; i++ {
		all.Add(1)
		delay := time.Duration(i*7919%1000+1) * time.Millisecond
		go func() {
			time.Sleep(delay)
			all.Done()
		}()
	}
	all.Wait()
	fmt.Printf("go cpu %.6g\n", float64(processorTime()-start)/float64(count))
}
