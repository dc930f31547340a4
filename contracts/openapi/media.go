package openapi

import (
	"slices"
	"strings"
)

// MediaKey writes a media type so that equal ones are equal: without case, order of
// parameters and quotes. The charset of a text and the boundary of a form say nothing of
// what is in it.
func MediaKey(media string) string {
	parts := strings.Split(media, ";")
	var params []string
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "" && name != "charset" && name != "boundary" {
			params = append(params, name+"="+strings.Trim(strings.TrimSpace(value), `"`))
		}
	}
	slices.Sort(params)
	return strings.Join(append([]string{BareMedia(media)}, params...), ";")
}

// BareMedia gives a media type without its parameters.
func BareMedia(media string) string {
	bare, _, _ := strings.Cut(media, ";")
	return strings.ToLower(strings.TrimSpace(bare))
}

// IsMediaRange tells whether a media type is a range such as application/*.
func IsMediaRange(media string) bool { return strings.HasSuffix(BareMedia(media), "/*") }

// InMediaRange tells whether a range holds another media type or range.
func InMediaRange(wide, media string) bool {
	if BareMedia(wide) == "*/*" {
		return true
	}
	major, isRange := strings.CutSuffix(BareMedia(wide), "*")
	return isRange && strings.HasPrefix(BareMedia(media), major)
}
