namespace Watchword.Hosting;

/// <summary>How a server is called in telemetry.</summary>
/// <param name="Service"><c>service.name</c>, such as <c>watchword-kms</c>.</param>
/// <param name="Source">Name of its meter and of its activity source.</param>
/// <param name="Prefix">What the names of its instruments begin with, such as <c>watchword.kms</c>.</param>
public sealed record ServerNames(string Service, string Source, string Prefix);
