// Runs a template of an ExternalSecret as the External Secrets operator does: text/template, with its toJson.
// The template comes from the file that is named, the values as a JSON object from standard input.
package main

import (
	"encoding/json"
	"os"
	"text/template"
)

func main() {
	var values map[string]string
	if err := json.NewDecoder(os.Stdin).Decode(&values); err != nil {
		panic(err)
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	toJSON := func(value any) string {
		output, _ := json.Marshal(value)
		return string(output)
	}
	parsed := template.Must(template.New("").Funcs(template.FuncMap{"toJson": toJSON}).Parse(string(text)))
	if err := parsed.Execute(os.Stdout, values); err != nil {
		panic(err)
	}
}
