using Watchword.Cli.Captures;

namespace Watchword.Cli.Messages;

/// <summary>A message and, if it came out of a capture, where it was there.</summary>
internal sealed record FoundMessage(byte[] Octets, CapturedMessage? Capture = null);
