module glyphoxa-kustomize/test/proxy

go 1.23.0
