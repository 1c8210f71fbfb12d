// Pulls an artifact as Flux's source-controller does, with the library that it uses: flux-oci ADDRESS FOLDER. Prints what
// the artifact says of itself as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/oci"
)

// Version of fluxcd/pkg/oci (go.mod) and of this file; scripts/tools.json pins it.
const version = "0.60.1-1"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "version" {
		fmt.Println(version)
		return
	}
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "flux-oci ADDRESS FOLDER")
		os.Exit(2)
	}
	client := oci.NewClient(oci.DefaultOptions())
	metadata, err := client.Pull(context.Background(), os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(metadata)
}
