namespace Watchword.Idm.Server;

/// <summary>The server refuses to start, or to be initialised; the message tells the operator what to do.</summary>
public sealed class IdmStartException(string message, Exception? inner = null) : Exception(message, inner);
