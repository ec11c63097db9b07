import SystemPackage

// Tests make their paths by interpolation.
// swift-format-ignore: AvoidRetroactiveConformances
extension FilePath: @retroactive ExpressibleByStringInterpolation {}
