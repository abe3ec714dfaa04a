using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Watchword.Cryptography.Tests")]
[assembly: InternalsVisibleTo("Watchword.Benchmarks")]

// Every local of the arithmetic is written before it is read; clearing 128 octets per temporary would be paid for nothing.
[module: SkipLocalsInit]
