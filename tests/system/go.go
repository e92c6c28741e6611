// SPDX-License-Identifier: Apache-2.0

// A client on the Varlink library for Go, which knows nothing of us but the description that the agent gives.
//
// usage: client SOCKET CERTIFICATE. Introspects, validates, and prints each event of Monitor as one line of JSON until
// the generation has risen.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"github.com/varlink/go/varlink"
	"github.com/varlink/go/varlink/idl"
)

type object map[string]interface{}

func fail(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func say(kind string, value interface{}) {
	line, err := json.Marshal(object{kind: value})
	fail(kind, err)
	fmt.Println(string(line))
}

func introspect(ctx context.Context, connection *varlink.Connection) {
	var vendor, product, version, url string
	var interfaces []string

	fail("GetInfo", connection.GetInfo(ctx, &vendor, &product, &version, &url, &interfaces))
	say("product", product)
	for _, name := range interfaces {
		text, err := connection.GetInterfaceDescription(ctx, name)
		fail(name, err)
		description, err := idl.New(text)
		fail(name, err)

		methods := []string{}
		for _, method := range description.Methods {
			methods = append(methods, method.Name)
			if method.Doc == "" {
				fail(method.Name, fmt.Errorf("has no comment"))
			}
		}
		say(name, methods)
	}
}

func validate(ctx context.Context, connection *varlink.Connection, certificate []byte) {
	var reply struct{ Verdict object }

	question := object{
		"certificates": []string{base64.StdEncoding.EncodeToString(certificate)},
		"purpose":      "client",
	}
	fail("Validate", connection.Call(ctx, "org.uatrust.agent1.Validate", question, &reply))
	say("statusName", reply.Verdict["statusName"])

	question["purpose"] = "sailor"
	err := connection.Call(ctx, "org.uatrust.agent1.Validate", question, &reply)
	if other, is := err.(*varlink.Error); is {
		say("error", other.Name)
	}
	_, is := connection.Call(ctx, "org.uatrust.agent1.Nothing", nil, &reply).(*varlink.MethodNotFound)
	say("isMethodNotFound", is)
}

func monitor(ctx context.Context, connection *varlink.Connection) {
	receive, err := connection.Send(ctx, "org.uatrust.agent1.Monitor", object{}, varlink.More)
	fail("Monitor", err)
	for first := 0.0; ; {
		var reply struct{ Event object }

		flags, err := receive(ctx, &reply)
		fail("Monitor", err)
		say("event", reply.Event)
		generation := reply.Event["generation"].(float64)
		if first == 0 {
			first = generation
		}
		if flags&varlink.Continues == 0 || generation > first {
			return
		}
	}
}

func main() {
	ctx := context.Background()
	certificate, err := os.ReadFile(os.Args[2])
	fail("certificate", err)
	connection, err := varlink.NewConnection(ctx, "unix:"+os.Args[1])
	fail("connection", err)

	introspect(ctx, connection)
	validate(ctx, connection, certificate)
	monitor(ctx, connection)
}
