/// The `hypotf` that Swift's Glibc module refers to, and nobody here calls. glibc's own has a version of 2.35, the only
/// symbol that would keep the program from Lambda's `provided.al2023`, which has glibc 2.34.
@c(hypotf)
func hypotenuse(_ x: Float, _ y: Float) -> Float {
    Float((Double(x) * Double(x) + Double(y) * Double(y)).squareRoot())
}
