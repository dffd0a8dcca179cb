# SPDX-License-Identifier: MIT
# sets: base go
# limit: 120
set -e
export GOCACHE=/tmp/gocache GOFLAGS=-mod=mod CGO_ENABLED=0 GO111MODULE=off
cd /tmp; mkdir -p go; cd go
cat > g.go <<'E'
package main
import ("fmt"; "sync"; "time"; "os"; "os/exec"; "os/signal"; "runtime"; "syscall"; "io/ioutil")
func main() {
	var wg sync.WaitGroup; var mu sync.Mutex; n := 0
	for i := 0; i < 1000; i++ { wg.Add(1); go func() { defer wg.Done(); mu.Lock(); n++; mu.Unlock(); runtime.Gosched() }() }
	wg.Wait()
	t := time.NewTicker(10 * time.Millisecond); for i := 0; i < 5; i++ { <-t.C }
	select { case <-time.After(20 * time.Millisecond): }
	out, err := exec.Command("echo", "sub").Output(); if err != nil { panic(err) }
	c := make(chan os.Signal, 1); signal.Notify(c, syscall.SIGUSR1); syscall.Kill(os.Getpid(), syscall.SIGUSR1); <-c
	r, w, _ := os.Pipe(); go func() { time.Sleep(10 * time.Millisecond); w.Write([]byte("p")) }(); b := make([]byte, 1); r.Read(b)
	ioutil.WriteFile("x", []byte("y"), 0644); runtime.GC()
	done := false; go func() { for !done { } }(); time.Sleep(30 * time.Millisecond); done = true
	fmt.Println(n, string(out), string(b))
}
E
go version
go build -o g g.go
[ "$(./g | head -1)" = "1000 sub" ]
for i in 1 2 3; do GOMAXPROCS=4 ./g >/dev/null; done
