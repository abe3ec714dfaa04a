namespace Watchword.Cli.Captures;

/// <summary>
/// The one exception of the capture reader: a file that is no capture, or a damaged one. It holds a place, never content.
/// </summary>
internal sealed class CaptureFormatException(string fault, long offset) : Exception($"{fault} at octet {offset}")
{
    /// <summary>What is wrong.</summary>
    public string Fault { get; } = fault;

    /// <summary>Where in the file.</summary>
    public long Offset { get; } = offset;
}
