namespace Watchword.Benchmarks.Commands;

/// <summary>An argument that parses and still asks for nothing that exists.</summary>
internal sealed class UsageException(string message) : Exception(message);
