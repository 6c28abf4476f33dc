package filters

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// maxPasswordFile bounds, in bytes, the file of users.
const maxPasswordFile = 1 << 20

// BasicAuth lets those in who know a password of an htpasswd file with bcrypt entries, and tells what is inside who they are
// by X-User and X-User-Name; whatever the client sent in these goes. The file is read for every request, so that a change
// counts at once; one that is wrong now is an error.
func BasicAuth(file string) (Filter, error) {
	if err := checkPasswords(file); err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, err := authenticate(file, r)
			if err != nil {
				writeUnauthorized(w, err)
				return
			}
			r.Header.Del("Authorization")
			r.Header["X-User"], r.Header["X-User-Name"] = []string{user}, []string{user}
			next.ServeHTTP(w, r)
		})
	}, nil
}

// The texts are those of the original's exceptions, for clients; none says whether it was the user or the password.
var (
	errNotAuthorized = errors.New("This server could not verify that you are authorized to access the document you requested.")
	errBadToken      = errors.New("Could not decode authorization token")
	errBadHeader     = errors.New("Could not parse Authorization header")
	errUnreadable    = errors.New("Problem reading auth file")
)

func writeUnauthorized(w http.ResponseWriter, err error) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header().Set("Www-Authenticate", `Basic realm="neutron"`)
	w.WriteHeader(http.StatusUnauthorized)
	var body wire.Buffer
	body.Raw(`{"error": {"message": `)
	body.Str(err.Error())
	body.Raw(`, "code": 401}}`)
	_, _ = w.Write(body.B) // the client has gone: nobody is left to tell
}

// authenticate answers the user that a request's Authorization proves.
func authenticate(file string, r *http.Request) (string, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", errNotAuthorized
	}
	kind, token, ok := strings.Cut(strings.TrimSpace(header), " ")
	if !ok {
		return "", errBadHeader
	}
	if !strings.EqualFold(kind, "basic") {
		return "", fmt.Errorf("Unsupported authorization type %q", kind)
	}
	r.Header["Authorization"] = []string{"Basic " + strings.TrimSpace(token)}
	user, password, ok := r.BasicAuth()
	if !ok {
		return "", errBadToken
	}
	data, err := readPasswords(file)
	if err != nil {
		return "", errUnreadable
	}
	return user, matchPassword(data, user, password)
}

func matchPassword(data []byte, user, password string) error {
	for line := range bytes.Lines(data) {
		hash, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte(user+":"))
		if !ok {
			continue
		}
		if bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil {
			return errNotAuthorized
		}
		return nil
	}
	return errNotAuthorized
}

func readPasswords(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxPasswordFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", file, maxPasswordFile)
	}
	return os.ReadFile(file)
}

// checkPasswords refuses a file with an entry that can never match.
func checkPasswords(file string) error {
	data, err := readPasswords(file)
	if err != nil {
		return fmt.Errorf("read file of users: %w", err)
	}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		user, hash, ok := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if !ok {
			continue
		}
		if _, err := bcrypt.Cost(hash); err != nil {
			return fmt.Errorf("%s:%d: only bcrypt digested passwords are supported, which that of %s is not", file, number, user)
		}
	}
	return nil
}
