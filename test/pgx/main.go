// Reads DSNs as the program does: with pgx itself and its pool.
//
//	pgx          connects with the DSN from GLYPHOXA_DATABASE_DSN and what the DSN leaves out from PG* variables,
//	             and prints who it is; passwords are neither arguments nor output
//	pgx parse    takes a JSON list of DSNs from standard input, and prints for each the ports that it leads to, or
//	             the error
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Version of pgx (go.mod) and of this file; scripts/tools.json pins it.
const version = "5.8.0-1"

func main() {
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	var err error
	switch command {
	case "version":
		fmt.Println(version)
	case "parse":
		err = parse()
	default:
		err = connect()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func connect() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, os.Getenv("GLYPHOXA_DATABASE_DSN"))
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	var user, database string
	if err := connection.QueryRow(ctx, "select current_user, current_database()").Scan(&user, &database); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]string{"user": user, "database": database})
}

// What pgx makes of a DSN: the TCP ports that it dials, or an error.
type reading struct {
	Ports []uint16 `json:"ports,omitempty"`
	Error string   `json:"error,omitempty"`
}

func parse() error {
	var dsns []string
	if err := json.NewDecoder(os.Stdin).Decode(&dsns); err != nil {
		return err
	}
	os.Clearenv()
	readings := make([]reading, len(dsns))
	for i, dsn := range dsns {
		readings[i] = read(dsn)
	}
	return json.NewEncoder(os.Stdout).Encode(readings)
}

func read(dsn string) (result reading) {
	// pgx panics on a quoted value that ends in a backslash
	defer func() {
		if reason := recover(); reason != nil {
			result = reading{Error: fmt.Sprint("panic: ", reason)}
		}
	}()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return reading{Error: err.Error()}
	}
	result.add(config.ConnConfig.Host, config.ConnConfig.Port)
	for _, fallback := range config.ConnConfig.Fallbacks {
		result.add(fallback.Host, fallback.Port)
	}
	return result
}

func (r *reading) add(host string, port uint16) {
	if network, _ := pgconn.NetworkAddress(host, port); network == "tcp" && !slices.Contains(r.Ports, port) {
		r.Ports = append(r.Ports, port)
	}
}
