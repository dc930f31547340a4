package signal

import (
	"encoding/json"
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

// UnmarshalJSON reads an array of numbers and nulls.
func (n *Numbers) UnmarshalJSON(data []byte) error {
	var read []*float64
	if err := json.Unmarshal(data, &read); err != nil {
		return fmt.Errorf("read measurements: %w", err)
	}
	if read == nil {
		*n = nil
		return nil
	}
	*n = make(Numbers, len(read))
	for i, x := range read {
		if x == nil {
			(*n)[i] = math.NaN()
		} else {
			(*n)[i] = *x
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
