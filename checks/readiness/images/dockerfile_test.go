package images

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
)

func TestNames(t *testing.T) {
	for file, want := range map[string]string{
		"Dockerfile": "docker", "services/orders/Dockerfile.prod": "docker", "build/orders.Dockerfile": "docker",
		"Containerfile": "docker", "dockerfile": "docker", "Dockerfile.dockerignore": "", ".dockerignore": "",
		"Dockerfile.md": "", "Dockerfile.j2": "", "Dockerfile.": "", "mydockerfile": "", "Dockerfiles/readme": "", "dockerfile-lint.js": "",
		"compose.yaml": "compose", "docker-compose.yml": "compose", "docker-compose-dev.yml": "compose", "docker-compose.override.yaml": "compose",
		"compose.json": "", "composer.yaml": "", "deploy/compose.prod.yml": "compose", "docker-stack.yml": "",
	} {
		got := ""
		if IsDockerfile(file) {
			got = "docker"
		}
		if IsCompose(file) {
			got += "compose"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

// Each case gives the final image: its health check, known or not, and its ports.
func TestParseDockerfile(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no health check", "FROM alpine\nEXPOSE 8080\nCMD [\"/app\"]\n", "unset ports 8080/tcp ready 2 start 3 end 3"},
		{"health check", "FROM alpine\nHEALTHCHECK --interval=5s CMD wget -q localhost\n", `declared:2 "wget -q localhost" end 2`},
		{"health check in exec form", "FROM scratch\nHEALTHCHECK CMD [\"/app\", \"check\"]\n", `declared:2 "/app check" end 2`},
		{"lower case", "from alpine\nhealthcheck cmd true\n", `declared:2 "true" end 2`},
		{"none", "FROM alpine\nHEALTHCHECK NONE\n", "disabled:2 end 2"},
		{"the last one counts", "FROM alpine\nHEALTHCHECK CMD true\nHEALTHCHECK none\n", "disabled:3 end 3"},
		{"commented out", "FROM alpine\n# HEALTHCHECK CMD true\n", "unset end 1"},
		{"in a heredoc", "FROM alpine\nRUN <<EOF\nHEALTHCHECK CMD true\nEOF\n", "unset end 4"},
		{"in a string", "FROM alpine\nRUN echo HEALTHCHECK CMD true\n", "unset end 2"},
		{"for images built on this one", "FROM alpine\nONBUILD HEALTHCHECK CMD true\n", "unset end 2"},
		{"of another stage", "FROM alpine AS build\nHEALTHCHECK CMD true\nFROM alpine\nCOPY --from=build /a /a\n", "unset end 4"},
		{"inherited", "FROM alpine AS base\nEXPOSE 80\nHEALTHCHECK CMD true\nFROM base AS final\nEXPOSE 9090/UDP\n", `declared:3 "true" ports 9090/udp 80/tcp end 5`},
		{"inherited twice, other capitals", "FROM alpine AS Base\nHEALTHCHECK CMD true\nFROM base AS mid\nFROM MID\n", `declared:2 "true" end 4`},
		{"inherited and switched off", "FROM alpine AS base\nHEALTHCHECK CMD true\nFROM base\nHEALTHCHECK NONE\n", "disabled:4 end 4"},
		{"a stage of the same name later on", "FROM alpine AS base\nHEALTHCHECK CMD true\nFROM alpine AS base\nFROM base\n", "unset end 4"},
		{"a stage never begins with itself", "FROM base AS base\n", "unset end 1"},
		{"through an argument", "ARG KIND=prod\nFROM alpine AS prod\nHEALTHCHECK CMD true\nFROM ${KIND}\n", `declared:3 "true" end 4`},
		{"through an argument's own default", "FROM alpine AS prod\nHEALTHCHECK CMD true\nFROM ${KIND:-prod}\n", `declared:2 "true" end 3`},
		{"an argument without a value, where a stage has one", "ARG KIND\nFROM alpine AS prod\nHEALTHCHECK CMD true\nFROM $KIND\n", "unknown end 4"},
		{"an argument without a value, where no stage has one", "ARG KIND\nFROM alpine AS prod\nFROM $KIND\n", "unset end 3"},
		{"with a platform", "FROM --platform=$BUILDPLATFORM alpine AS a\nHEALTHCHECK CMD true\nFROM a\n", `declared:2 "true" end 3`},
		{"escape directive", "# escape=`\nFROM windows\nHEALTHCHECK CMD curl `\n  localhost\nCOPY a C:\\\n", `declared:3 "curl   localhost" end 5`},
		{"continuation and comment", "FROM alpine\nHEALTHCHECK \\\n  # why\n  --timeout=1s \\\n  CMD true\n", `declared:2 "true" end 5`},
		{"ports", "ARG X=1\nFROM alpine\nENV PORT=8081\nARG OTHER=8082\nEXPOSE $PORT ${OTHER}/tcp 9000-9010 80/udp 80 80 ${NOBODY} 0 70000 x\n", "unset ports 8081/tcp 8082/tcp 9000/tcp 80/udp 80/tcp end 5"},
		{"port through a stage's variable", "FROM alpine AS base\nENV PORT 8081\nFROM base\nEXPOSE ${PORT}\n", "unset ports 8081/tcp end 4"},
		{"an argument of the file is unknown in a stage that does not ask", "ARG PORT=1\nFROM alpine\nEXPOSE $PORT\n", "unset end 3"},
		{"an argument of the file in a stage that asks", "ARG PORT=1\nFROM alpine\nARG PORT\nEXPOSE $PORT\n", "unset ports 1/tcp end 4"},
		{"variables that double", "FROM alpine\nENV A=12345678\n" + strings.Repeat("ENV A=$A$A\n", 40) + "EXPOSE $A\n", "unset end 43"},
		{"instruction of another frontend", "# syntax=example/front\nFROM alpine\nINCLUDE common\n", "unset end 3"},
		{"entry point before command", "FROM alpine\nCMD a\nENTRYPOINT b\nUSER x\n", "unset ready 1 start 2 end 4"},
		{"byte order mark and CR LF", "\xef\xbb\xbfFROM alpine\r\nHEALTHCHECK CMD true\r\n", `declared:2 "true" end 2`},
		{"nothing", "", `error Dockerfile: not a Dockerfile: file with no instructions`},
		{"comments only", "# hello\n", `error Dockerfile:1: not a Dockerfile: file with no instructions`},
		{"no stage", "RUN true\n", "error Dockerfile: no FROM: nothing is built"},
		{"FROM without an image", "FROM\n", "error Dockerfile:1: FROM takes an image, or an image AS a name"},
		{"FROM with too much", "FROM a b\n", "error Dockerfile:1: FROM takes an image, or an image AS a name"},
		{"HEALTHCHECK without a command", "FROM a\n\nHEALTHCHECK CMD\n", "error Dockerfile:3: HEALTHCHECK takes CMD and a command, or NONE"},
		{"HEALTHCHECK of another kind", "FROM a\nHEALTHCHECK curl localhost\n", "error Dockerfile:2: HEALTHCHECK takes CMD and a command, or NONE"},
		{"heredoc without an end", "FROM a\nRUN <<EOF\ntrue\n", "error Dockerfile:2: not a Dockerfile: unterminated heredoc"},
		{"wrong escape", "# escape=x\nFROM a\n", "error Dockerfile: not a Dockerfile: invalid escape token 'x' does not match ` or \\"},
		{"binary", "FROM a\n\x00\n", "error Dockerfile:2: a NUL byte: this is not a text file"},
		{"too many stages", strings.Repeat("FROM a\n", 257), "error Dockerfile:257: more than 256 stages"},
		{"too long", strings.Repeat("#", 512<<10+1), "error Dockerfile: the file has 524289 bytes, at most 524288 are read"},
		{"one long instruction", "FROM a\nRUN " + strings.Repeat("x \\\n", 100<<10) + "x\n", "error Dockerfile:2: an instruction of 204805 bytes, at most 131072 are read"},
		{"one long line", "FROM a\nRUN " + strings.Repeat("x", 70<<10) + "\n", "error Dockerfile:1: not a Dockerfile: dockerfile line greater than max allowed size of 65535"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shown(ParseDockerfile("Dockerfile", []byte(c.text))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func shown(d *Dockerfile, err error) string {
	if err != nil {
		problem, ok := errors.AsType[*contracts.Problem](err)
		if !ok {
			return fmt.Sprintf("%T %v", err, err)
		}
		return "error " + problem.Position.String() + ": " + problem.Message
	}
	var out strings.Builder
	final := d.Final()
	switch health, known := d.Health(final); {
	case !known:
		out.WriteString("unknown")
	case health.State == Unset:
		out.WriteString("unset")
	default:
		fmt.Fprintf(&out, "%s:%d", health.State, health.At.Line)
		if health.Command != "" {
			fmt.Fprintf(&out, " %q", health.Command)
		}
	}
	if ports := d.Ports(final); len(ports) > 0 {
		out.WriteString(" ports")
		for _, port := range ports {
			fmt.Fprintf(&out, " %d/%s", port.Number, port.Protocol)
		}
	}
	if final.Start > 0 {
		fmt.Fprintf(&out, " ready %d start %d", final.Ready, final.Start)
	}
	fmt.Fprintf(&out, " end %d", final.End)
	return out.String()
}

// What an outsider may write to keep the reader busy ends at once.
func TestHostileDockerfiles(t *testing.T) {
	for name, text := range map[string]string{
		"chained ONBUILD":      "FROM a\n" + strings.Repeat(strings.Repeat("ONBUILD ", 8000)+"RUN x\n", 7),
		"many variables":       "FROM a\n" + strings.Repeat("ENV A$A=$A\n", 40_000),
		"deep lineage":         "FROM a AS s0\n" + lineage(250) + strings.Repeat("EXPOSE $A\n", 40_000),
		"many heredocs":        "FROM a\n" + strings.Repeat("RUN <<A <<B\nA\nB\n", 20_000),
		"heredocs on one line": "FROM a\nRUN " + strings.Repeat("<<A ", 15_000) + "\n" + strings.Repeat("A\n", 15_000),
		"one long quote":       "FROM a\nRUN \"" + strings.Repeat("\\\"", 30_000),
		"empty continuations":  "FROM a\nRUN x \\\n" + strings.Repeat("\n", 500_000),
		"many syntax errors":   strings.Repeat("ENV \n", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := ParseDockerfile("Dockerfile", []byte(text))
			t.Logf("took %s (error %v)", time.Since(start), err)
		})
	}
}

func lineage(stages int) string {
	var out strings.Builder
	for i := range stages {
		fmt.Fprintf(&out, "FROM s%d AS s%d\n", i, i+1)
	}
	return out.String()
}

func FuzzDockerfile(f *testing.F) {
	for _, seed := range []string{
		"FROM a AS b\nHEALTHCHECK CMD true\nEXPOSE 80\nFROM b\n", "# escape=`\nFROM a\nRUN a `\n b\n", "FROM a\nRUN <<EOF cat\nx\nEOF\n",
		"ARG A=b\nFROM ${A:-x}\nENV P=1 Q=$P\nEXPOSE $P/tcp 1-2\n", "FROM a\nONBUILD HEALTHCHECK NONE\nHEALTHCHECK NONE\n", "#syntax=x\n#check=skip=all\nFROM scratch\nCMD [\"a\"]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDockerfile("Dockerfile", data)
		lines := strings.Count(string(data), "\n") + 1
		if err != nil {
			problem, ok := errors.AsType[*contracts.Problem](err)
			if !ok || problem.Message == "" || problem.Line > lines || strings.ContainsAny(problem.Error(), "\n\r\x00") {
				t.Fatalf("line of %d: %q", lines, err)
			}
			return
		}
		for i := range d.Stages {
			s := &d.Stages[i]
			if s.At.Line < 1 || s.End < s.At.Line || s.End > lines || s.Base >= i || s.Start > s.End || s.Ready < s.At.Line || s.Ready > s.End {
				t.Fatalf("stage %d: %+v", i, s)
			}
			d.Health(s)
			d.Ports(s)
		}
	})
}
