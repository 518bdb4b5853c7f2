// Goroutines on one processor that yield.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

func main() {
	runtime.GOMAXPROCS(1)
	count := 5_000_000
	if len(os.Args) > 1 && os.Args[1] == "--smoke" {
		count = 10_000
	}
	start := time.Now()
	for i := 0; i < count; i++ {
		runtime.Gosched()
	}
	fmt.Printf("go one_task %.6g\n", float64(time.Since(start).Nanoseconds())/float64(count))

	each := count / 1000
	var all sync.WaitGroup
	start = time.Now()
	for i := 0; i < 1000; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for j := 0; j < each; j++ {
				runtime.Gosched()
			}
		}()
	}
	all.Wait()
	fmt.Printf("go thousand_tasks %.6g\n", float64(time.Since(start).Nanoseconds())/float64(each*1000))
}
