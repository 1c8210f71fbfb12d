// Prints, for each address, the proxy that Go's HTTP client takes from the environment, or "direct". gRPC asks the same
// function, with the scheme https for every server.
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
)

// Version of this file; scripts/tools.json pins it.
const version = "1.0.0"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "version" {
		fmt.Println(version)
		return
	}
	for _, address := range os.Args[1:] {
		target, err := url.Parse(address)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: target})
		switch {
		case err != nil:
			fmt.Println(err)
		case proxy == nil:
			fmt.Println("direct")
		default:
			fmt.Println(proxy)
		}
	}
}
