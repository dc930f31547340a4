package contracts

import "slices"

func parameterKinds() []mutationKind { return nil }
func messageKinds() []mutationKind   { return slices.Concat[[]mutationKind]() }
func operationKinds() []mutationKind { return nil }
