// A CONNECT proxy as small as Go's net/http makes it, over HTTP/1.1 and HTTP/2: proxy PLAIN-PORT TLS-PORT CERT KEY
package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

type halfCloser interface{ CloseWrite() error }

func pass(to io.Writer, from io.Reader) {
	io.Copy(to, from)
	if c, ok := to.(halfCloser); ok {
		c.CloseWrite()
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	origin, err := net.DialTimeout("tcp", r.Host, 10*time.Second)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer origin.Close()
	if r.ProtoMajor == 2 {
		stream(w, r, origin)
		return
	}
	client, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
	io.CopyN(origin, buffered, int64(buffered.Reader.Buffered()))
	up := make(chan struct{})
	go func() { pass(origin, client); close(up) }()
	pass(client, origin)
	<-up
}

func stream(w http.ResponseWriter, r *http.Request, origin net.Conn) {
	flusher := w.(http.Flusher)
	w.WriteHeader(http.StatusOK)
	flusher.Flush()
	go pass(origin, r.Body)
	buffer := make([]byte, 32<<10)
	for {
		n, err := origin.Read(buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return
			}
			flusher.Flush()
		}
		if err != nil {
			return
		}
	}
}

func main() {
	quiet := log.New(io.Discard, "", 0)
	plain := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: http.HandlerFunc(serve), ErrorLog: quiet}
	secure := &http.Server{Addr: "127.0.0.1:" + os.Args[2], Handler: http.HandlerFunc(serve), ErrorLog: quiet}
	go func() { log.Fatal(plain.ListenAndServe()) }()
	log.Fatal(secure.ListenAndServeTLS(os.Args[3], os.Args[4]))
}
