// Does to objects what Flux does to each before it applies it: substitutes variables in its text, with the
// library that Flux uses, in its strict mode and without a variable set. Reads a JSON list of texts and prints, as a
// JSON list, what becomes of each: the text, or the error.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/envsubst"
)

// Version of envsubst (go.mod) and of this file; scripts/tools.json pins it.
const version = "1.8.0-1"

type result struct {
	Text  string `json:"text"`
	Error string `json:"error,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "version" {
		fmt.Println(version)
		return
	}
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	unset := func(string) (string, bool) { return "", false }
	results := make([]result, len(texts))
	for i, text := range texts {
		substituted, err := envsubst.Eval(text, unset)
		results[i].Text = substituted
		if err != nil {
			results[i].Error = err.Error()
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(results)
}
