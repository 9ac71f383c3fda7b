// The official Go client walks through the fixture. Arguments: how ("http", "sse" or "stdio"), the revision, then the URL, or the
// command and its arguments. Credentials come as TALK_HEADERS, a JSON object. Prints one line for each step that went well.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var none = map[string]any{}

const watched = "test://watched-resource"

func done(step string) { fmt.Println("ok " + step) }

func must(good bool, what any) {
	if !good {
		panic(fmt.Sprintf("%+v", what))
	}
}

func try[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Adds the credentials to every request.
type signed struct{ headers map[string]string }

func (s signed) RoundTrip(request *http.Request) (*http.Response, error) {
	copied := request.Clone(request.Context())
	for name, value := range s.headers {
		copied.Header.Set(name, value)
	}
	return http.DefaultTransport.RoundTrip(copied)
}

func transport(how string, target []string) mcp.Transport {
	headers := map[string]string{}
	if text := os.Getenv("TALK_HEADERS"); text != "" {
		must(json.Unmarshal([]byte(text), &headers) == nil, "TALK_HEADERS")
	}
	client := &http.Client{Transport: signed{headers}}
	switch how {
	case "stdio":
		return &mcp.CommandTransport{Command: exec.Command(target[0], target[1:]...)}
	case "sse":
		return &mcp.SSEClientTransport{Endpoint: target[0], HTTPClient: client}
	}
	return &mcp.StreamableClientTransport{Endpoint: target[0], HTTPClient: client}
}

func text(result *mcp.CallToolResult) string {
	must(!result.IsError && len(result.Content) > 0, result)
	return result.Content[0].(*mcp.TextContent).Text
}

func main() {
	how, revision, target := os.Args[1], os.Args[2], os.Args[3:]
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	changed, updated, progress := make(chan bool, 8), make(chan string, 8), make(chan float64, 64)
	client := mcp.NewClient(&mcp.Implementation{Name: "talk", Version: "1.0.0"}, &mcp.ClientOptions{
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"username": "Ada", "email": "ada@example.com"}}, nil
		},
		CreateMessageHandler: func(context.Context, *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			return &mcp.CreateMessageResult{Role: "assistant", Model: "talk", Content: &mcp.TextContent{Text: "forty-two"}}, nil
		},
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- true },
		ResourceUpdatedHandler: func(_ context.Context, request *mcp.ResourceUpdatedNotificationRequest) {
			updated <- request.Params.URI
		},
		ProgressNotificationHandler: func(_ context.Context, request *mcp.ProgressNotificationClientRequest) {
			progress <- request.Params.Progress
		},
	})
	client.AddRoots(&mcp.Root{URI: "file:///work", Name: "work"})
	session := try(client.Connect(ctx, transport(how, target), &mcp.ClientSessionOptions{ProtocolVersion: revision}))
	agreed := session.InitializeResult().ProtocolVersion
	done("connect " + agreed)
	call := func(name string, arguments map[string]any) *mcp.CallToolResult {
		return try(session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments}))
	}

	names := []string{}
	for tool, err := range session.Tools(ctx, nil) {
		names = append(names, try(tool, err).Name)
	}
	must(slices.Contains(names, "test_simple_text") && slices.IsSorted(names), names)
	done("list")

	must(strings.Contains(text(call("test_simple_text", none)), "simple text"), "call")
	must(call("test_error_handling", none).IsError, "an error")
	params := &mcp.CallToolParams{Name: "test_tool_with_progress", Arguments: none}
	params.SetProgressToken("p")
	try(session.CallTool(ctx, params))
	for _, wanted := range []float64{0, 50, 100} {
		must(<-progress == wanted, "progress")
	}
	done("call")

	if agreed >= "2025-06-18" {
		must(strings.Contains(text(call("test_elicitation", map[string]any{"message": "Who?"})), "Ada"), "elicitation")
	}
	must(strings.Contains(text(call("test_sampling", map[string]any{"prompt": "The answer?"})), "forty-two"), "sampling")
	must(strings.Contains(text(call("test_input_required_result_list_roots", none)), "1 roots"), "roots")
	done("ask")

	uris := []string{}
	for resource, err := range session.Resources(ctx, nil) {
		uris = append(uris, try(resource, err).URI)
	}
	must(slices.Contains(uris, "test://static-text"), uris)
	read := try(session.ReadResource(ctx, &mcp.ReadResourceParams{URI: "test://template/123/data"}))
	must(strings.Contains(read.Contents[0].Text, "123"), read)
	prompt := try(session.GetPrompt(ctx, &mcp.GetPromptParams{Name: "test_prompt_with_arguments",
		Arguments: map[string]string{"arg1": "uno", "arg2": "dos"}}))
	must(strings.Contains(prompt.Messages[0].Content.(*mcp.TextContent).Text, "uno"), prompt)
	completed := try(session.Complete(ctx, &mcp.CompleteParams{
		Ref:      &mcp.CompleteReference{Type: "ref/prompt", Name: "test_prompt_with_arguments"},
		Argument: mcp.CompleteParamsArgument{Name: "arg1", Value: "test"}}))
	must(slices.Equal(completed.Completion.Values, []string{"test-one", "test-two"}), completed)
	done("read")

	must(session.Subscribe(ctx, &mcp.SubscribeParams{URI: watched}) == nil, "subscribe")
	call("touch", map[string]any{"uri": watched})
	select {
	case uri := <-updated:
		must(uri == watched, uri)
	case <-ctx.Done():
		panic("no news of the resource")
	}
	must(session.Unsubscribe(ctx, &mcp.UnsubscribeParams{URI: watched}) == nil, "unsubscribe")
	if agreed < "2026" {
		call("test_trigger_tool_change", none)
		<-changed
	}
	done("subscribe")
	must(session.Close() == nil, "close")
	done("close")
}
