package signal

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Numbers are measurements. In JSON what is not a finite number is null, which
// reads back as NaN: both are no measurement.
type Numbers []float64

// MarshalJSON writes the shortest form that reads back as the same bits.
func (n Numbers) MarshalJSON() ([]byte, error) {
	if n == nil {
		return []byte("null"), nil
	}
	out := make([]byte, 0, 8*len(n)+2)
	out = append(out, '[')
	for i, x := range n {
		if i > 0 {
			out = append(out, ',')
		}
		if finite(x) {
			out = strconv.AppendFloat(out, x, 'g', -1, 64)
		} else {
			out = append(out, "null"...)
		}
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads an array of numbers and nulls. A history has a hundred thousand of
// them, and is read at every sample.
func (n *Numbers) UnmarshalJSON(data []byte) error {
	text := bytes.TrimSpace(data)
	if string(text) == "null" {
		*n = nil
		return nil
	}
	if len(text) < 2 || text[0] != '[' || text[len(text)-1] != ']' {
		return errors.New("read measurements: expected a list of numbers")
	}
	text = bytes.TrimSpace(text[1 : len(text)-1])
	*n = make(Numbers, 0, bytes.Count(text, []byte{','})+1)
	for len(text) > 0 {
		one, rest, more := bytes.Cut(text, []byte{','})
		one = bytes.TrimSpace(one)
		x := math.NaN()
		if string(one) != "null" {
			var err error
			if x, err = strconv.ParseFloat(string(one), 64); err != nil || !finite(x) {
				return fmt.Errorf("read measurements: %.40q is no number", one)
			}
		}
		*n = append(*n, x)
		if text = rest; more && len(bytes.TrimSpace(text)) == 0 {
			return errors.New("read measurements: a comma with nothing behind it")
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// settled rounds a computed number to nine decimals, so that the last bits, in
// which processors and logarithms differ, neither decide a tie nor reach a ledger.
func settled(x float64) float64 {
	if math.Abs(x) > 1e6 {
		return x
	}
	return math.Round(x*1e9)/1e9 + 0
}

// quantile of values sorted upwards, by linear interpolation (Hyndman and Fan's
// type 7); 0 of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	low := int(math.Floor(at))
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// selected is the same quantile of values in any order, which it rearranges: in
// linear time, by Hoare's selection. None may be NaN.
func selected(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	at := q * float64(len(values)-1)
	low := int(math.Floor(at))
	split(values, low)
	if low+1 >= len(values) {
		return values[low]
	}
	next := slices.Min(values[low+1:])
	return values[low] + (at-float64(low))*(next-values[low])
}

// split moves the k smallest values before values[k], and none smaller behind it.
func split(values []float64, k int) {
	for a, b := 0, len(values)-1; a < b; {
		// The median of three keeps sorted columns from taking the square.
		pivot := max(min(values[a], values[b]), min(max(values[a], values[b]), values[(a+b)/2]))
		i, j := a, b
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for values[j] > pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			b = j
		case k >= i:
			a = i
		default:
			return
		}
	}
}

// median of values in any order, which it leaves as they are; 0 of none.
func median(values []float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return quantile(sorted, 0.5)
}
