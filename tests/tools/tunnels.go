// Has twenty tunnels at once on one HTTP/2 connection, through each of which 50,000 bytes come back, and prints how many did: tunnels PROXY_URL AUTHORITY
package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

const count = 20

func main() {
	proxy, _ := url.Parse(os.Args[1])
	client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	// Go's client may share a connection only once it has one.
	if first, err := client.Get(os.Args[1]); err != nil || first.ProtoMajor != 2 {
		fail("no HTTP/2", err)
	} else {
		io.Copy(io.Discard, first.Body)
		first.Body.Close()
	}
	got := make(chan int)
	for i := 0; i < count; i++ {
		go func() {
			sent := bytes.Repeat([]byte{'x'}, 50000)
			request := &http.Request{
				Method: "CONNECT", URL: &url.URL{Scheme: proxy.Scheme, Host: proxy.Host}, Host: os.Args[2], ContentLength: -1,
				Header: http.Header{"Proxy-Authorization": {"Preshared good"}}, Body: io.NopCloser(bytes.NewReader(sent)),
			}
			answer, err := client.Do(request)
			if err != nil || answer.StatusCode != 200 {
				fail("no tunnel", answer, err)
			}
			back, err := io.ReadAll(answer.Body)
			if err != nil {
				fail("broken off", err)
			}
			got <- strings.Count(string(back), "x")
		}()
	}
	sum := 0
	for i := 0; i < count; i++ {
		sum += <-got
	}
	fmt.Println(sum)
}

func fail(what ...any) {
	fmt.Fprintln(os.Stderr, what...)
	os.Exit(1)
}
