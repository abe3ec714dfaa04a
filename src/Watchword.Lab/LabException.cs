namespace Watchword.Lab;

/// <summary>The lab cannot start; the message says why and what to do.</summary>
internal sealed class LabException(string message) : Exception(message);
