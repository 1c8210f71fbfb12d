// Connects to PostgreSQL the way the program does: pgx itself, with the DSN from GLYPHOXA_DATABASE_DSN and what
// the DSN leaves out from PG* variables. Prints who it is; passwords are neither arguments nor output.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

// Version of pgx (go.mod) and of this file; scripts/tools.json pins it.
const version = "5.7.6-1"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "version" {
		fmt.Println(version)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, os.Getenv("GLYPHOXA_DATABASE_DSN"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer connection.Close(ctx)
	var user, database string
	if err := connection.QueryRow(ctx, "select current_user, current_database()").Scan(&user, &database); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"user": user, "database": database})
}
