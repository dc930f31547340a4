package graph

import (
	"cmp"
	"slices"
)

// place is where a node stands: its layer from the left, and its position from the top.
type place struct{ layer, row int }

// sweeps is how often the layers are sorted by their neighbours.
const sweeps = 6

// layout places nodes in layers, so that an edge leads to the right wherever there is no
// cycle, and sorts each layer so that few edges cross. An edge is a pair of indices of nodes.
// Most rows are in one layer at most; what is beyond them stands in a further layer.
func layout(nodes int, edges [][2]int, most int) []place {
	forward := acyclic(nodes, edges)
	layer := layersOf(nodes, forward)
	neighbours := make([][]int, nodes)
	for _, e := range forward {
		neighbours[e[0]] = append(neighbours[e[0]], e[1])
		neighbours[e[1]] = append(neighbours[e[1]], e[0])
	}
	var layers [][]int
	for node, l := range layer {
		for len(layers) <= l {
			layers = append(layers, nil)
		}
		layers[l] = append(layers[l], node)
	}
	at := make([]float64, nodes)
	number := func(layer []int) {
		for row, node := range layer {
			at[node] = float64(row) / float64(len(layer))
		}
	}
	for _, one := range layers {
		number(one)
	}
	middle := func(node int) float64 {
		sum := at[node]
		for _, other := range neighbours[node] {
			sum += at[other]
		}
		return sum / float64(len(neighbours[node])+1)
	}
	for sweep := range sweeps {
		for k := range layers {
			if sweep%2 == 1 {
				k = len(layers) - 1 - k
			}
			weights := map[int]float64{}
			for _, node := range layers[k] {
				weights[node] = middle(node)
			}
			slices.SortStableFunc(layers[k], func(a, b int) int { return cmp.Compare(weights[a], weights[b]) })
			number(layers[k])
		}
	}
	return folded(layers, nodes, most)
}

// folded gives the places, with layers of at most so many rows.
func folded(layers [][]int, nodes, most int) []place {
	places := make([]place, nodes)
	column := 0
	for _, one := range layers {
		for row, node := range one {
			places[node] = place{column + row/most, row % most}
		}
		column += max(1, (len(one)+most-1)/most)
	}
	return places
}

// acyclic returns the edges without those that close a cycle.
func acyclic(nodes int, edges [][2]int) (forward [][2]int) {
	next := make([][]int, nodes)
	for _, e := range edges {
		next[e[0]] = append(next[e[0]], e[1])
	}
	const entered, left = 1, 2
	state := make([]int8, nodes)
	type step struct{ node, edge int }
	for root := range nodes {
		if state[root] != 0 {
			continue
		}
		stack := []step{{root, 0}}
		state[root] = entered
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.edge == len(next[top.node]) {
				state[top.node] = left
				stack = stack[:len(stack)-1]
				continue
			}
			to := next[top.node][top.edge]
			from := top.node
			top.edge++
			if state[to] == entered {
				continue // it closes a cycle
			}
			forward = append(forward, [2]int{from, to})
			if state[to] == 0 {
				state[to] = entered
				stack = append(stack, step{to, 0})
			}
		}
	}
	return forward
}

// layersOf returns the longest path to each node; the edges have no cycle.
func layersOf(nodes int, edges [][2]int) []int {
	layer, missing, next := make([]int, nodes), make([]int, nodes), make([][]int, nodes)
	for _, e := range edges {
		missing[e[1]]++
		next[e[0]] = append(next[e[0]], e[1])
	}
	var ready []int
	for node := range nodes {
		if missing[node] == 0 {
			ready = append(ready, node)
		}
	}
	for len(ready) > 0 {
		node := ready[0]
		ready = ready[1:]
		for _, to := range next[node] {
			layer[to] = max(layer[to], layer[node]+1)
			if missing[to]--; missing[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	return layer
}
