package simulator

import (
	"net/http"
	"strconv"
)

// reply is an answer: a JSON body, or raw bytes, or nothing.
type reply struct {
	status int
	body   any
	raw    []byte
	header http.Header
}

func answer(status int, body any) reply {
	return reply{status: status, body: body, header: http.Header{}}
}

const documentation = "https://docs.github.com/rest"

// refuse is an error in GitHub's basic form.
func refuse(status int, message string) reply {
	return answer(status, object{"message": message, "documentation_url": documentation, "status": strconv.Itoa(status)})
}

// invalid is GitHub's 422. A resource, a field and a code say what is wrong.
func invalid(resource, field, code, message string) reply {
	fault := object{"resource": resource, "field": field, "code": code}
	if message != "" {
		fault["message"] = message
	}
	return answer(http.StatusUnprocessableEntity, object{
		"message": "Validation Failed", "errors": []any{fault}, "documentation_url": documentation, "status": "422",
	})
}

// malformed is GitHub's 422 for a request that its description does not allow.
func malformed(message string) reply {
	return answer(http.StatusUnprocessableEntity, object{
		"message": "Invalid request.\n\n" + message, "documentation_url": documentation, "status": "422",
	})
}

func notFound() reply { return refuse(http.StatusNotFound, "Not Found") }
