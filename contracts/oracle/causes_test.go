package oracle

// causes are the reviewed disagreements, each with the reason who is right.
var causes = []cause{}
