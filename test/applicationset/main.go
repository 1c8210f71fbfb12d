// Renders an ApplicationSet with a git files generator as Argo CD's controller does: applicationset FILE REPOSITORY. Prints
// its Applications as a JSON array. The functions of the templates, what the generator says of a file, how it finds them
// and the finalizer follow Argo CD 3.5 (applicationset/utils, applicationset/generators/git.go, util/git); the libraries
// are those that it uses. Its own packages pull in all of Kubernetes, and a module that no proxy has.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

// Version of this file; scripts/tools.json pins it.
const version = "1.1.0"

type applicationSet struct {
	Spec struct {
		GoTemplate        bool     `json:"goTemplate"`
		GoTemplateOptions []string `json:"goTemplateOptions"`
		Generators        []struct {
			Git struct {
				Files []struct {
					Path string `json:"path"`
				} `json:"files"`
			} `json:"git"`
		} `json:"generators"`
		SyncPolicy struct {
			PreserveResourcesOnDeletion bool `json:"preserveResourcesOnDeletion"`
		} `json:"syncPolicy"`
		Template      map[string]any `json:"template"`
		TemplatePatch string         `json:"templatePatch"`
	} `json:"spec"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "version" {
		fmt.Println(version)
		return
	}
	applications, err := render(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(applications)
}

func render(file, repository string) ([]any, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var set applicationSet
	if err := yaml.Unmarshal(text, &set); err != nil {
		return nil, err
	}
	if !set.Spec.GoTemplate {
		return nil, fmt.Errorf("no Go template")
	}
	applications := []any{}
	for _, generator := range set.Spec.Generators {
		for _, files := range generator.Git.Files {
			found, err := list(repository, files.Path)
			if err != nil {
				return nil, err
			}
			for _, name := range found {
				parameters, err := parametersOf(repository, name)
				if err != nil {
					return nil, err
				}
				application, err := replace(set.Spec.Template, parameters, set.Spec.GoTemplateOptions)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				if err := patch(application.(map[string]any), set.Spec.TemplatePatch, parameters, set.Spec.GoTemplateOptions); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				applications = append(applications, finish(application.(map[string]any), set.Spec.SyncPolicy.PreserveResourcesOnDeletion))
			}
		}
	}
	return applications, nil
}

func list(repository, pattern string) ([]string, error) {
	command := exec.Command("git", "ls-files", "--full-name", "-z", "--", pattern)
	command.Dir = repository
	output, err := command.Output()
	if err != nil {
		return nil, err
	}
	files := strings.Split(strings.TrimSuffix(string(output), "\000"), "\000")
	if len(files) == 1 && files[0] == "" {
		return nil, nil
	}
	sort.Strings(files)
	return files, nil
}

func parametersOf(repository, file string) (map[string]any, error) {
	content, err := os.ReadFile(filepath.Join(repository, file))
	if err != nil {
		return nil, err
	}
	parameters := map[string]any{}
	if err := yaml.Unmarshal(content, &parameters); err != nil {
		return nil, err
	}
	folder := path.Dir(file)
	parameters["path"] = map[string]any{
		"path":               folder,
		"basename":           path.Base(folder),
		"filename":           path.Base(file),
		"basenameNormalized": normalize(path.Base(folder)),
		"filenameNormalized": normalize(path.Base(file)),
		"segments":           strings.Split(folder, "/"),
	}
	return parameters, nil
}

// Every text of the template, keys too, is a template of its own.
func replace(value any, parameters map[string]any, options []string) (any, error) {
	switch original := value.(type) {
	case string:
		return execute(original, parameters, options)
	case []any:
		items := []any{}
		for _, item := range original {
			replaced, err := replace(item, parameters, options)
			if err != nil {
				return nil, err
			}
			items = append(items, replaced)
		}
		return items, nil
	case map[string]any:
		replaced := map[string]any{}
		for key, item := range original {
			newKey, err := execute(key, parameters, options)
			if err != nil {
				return nil, err
			}
			if replaced[newKey], err = replace(item, parameters, options); err != nil {
				return nil, err
			}
		}
		return replaced, nil
	default:
		return value, nil
	}
}

func execute(text string, parameters map[string]any, options []string) (string, error) {
	functions := sprig.GenericFuncMap()
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(functions, name)
	}
	functions["normalize"] = normalize
	parsed := template.New("").Funcs(functions)
	for _, option := range options {
		parsed = parsed.Option(option)
	}
	parsed, err := parsed.Parse(text)
	if err != nil {
		return "", err
	}
	var output bytes.Buffer
	if err := parsed.Execute(&output, parameters); err != nil {
		return "", err
	}
	return output.String(), nil
}

// The patch is one template, and what it gives is merged into the Application: maps here, which is all that ours has.
func patch(application map[string]any, text string, parameters map[string]any, options []string) error {
	rendered, err := execute(text, parameters, options)
	if err != nil {
		return err
	}
	change := map[string]any{}
	if err := yaml.Unmarshal([]byte(rendered), &change); err != nil {
		return err
	}
	merge(application, change)
	return nil
}

func merge(base, change map[string]any) {
	for key, value := range change {
		into, isMap := base[key].(map[string]any)
		from, isChange := value.(map[string]any)
		if isMap && isChange {
			merge(into, from)
		} else if value == nil {
			delete(base, key)
		} else {
			base[key] = value
		}
	}
}

func finish(application map[string]any, preserve bool) map[string]any {
	application["apiVersion"] = "argoproj.io/v1alpha1"
	application["kind"] = "Application"
	metadata := application["metadata"].(map[string]any)
	if _, has := metadata["finalizers"]; !preserve && !has {
		metadata["finalizers"] = []string{"resources-finalizer.argocd.argoproj.io"}
	}
	return application
}

func normalize(name string) string {
	name = regexp.MustCompile("[^-a-z0-9.]").ReplaceAllString(strings.ToLower(name), "-")
	if len(name) > 253 {
		name = name[:253]
	}
	return strings.Trim(name, "-.")
}
