namespace Watchword.Client;

/// <summary>A document of a configuration or group management server.</summary>
/// <typeparam name="T">What it is read into.</typeparam>
/// <param name="Value">The document.</param>
/// <param name="ETag">The entity tag with its quotation marks, to ask for a newer one with; null if the server gave none.</param>
public sealed record ServiceDocument<T>(T Value, string? ETag)
    where T : class;
