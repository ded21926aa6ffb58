/// The `hypotf` that Swift's Glibc module refers to, though nobody here calls it. glibc's own has a version of 2.35: the
/// only symbol that would keep the program from starting on Lambda's `provided.al2023`, which has glibc 2.34.
@c(hypotf)
package func hypotenuse(_ x: Float, _ y: Float) -> Float {
    Float((Double(x) * Double(x) + Double(y) * Double(y)).squareRoot())
}
