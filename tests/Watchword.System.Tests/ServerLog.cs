using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Watchword.SystemTests;

/// <summary>One line of a server's log.</summary>
internal sealed record LogLine(string Category, int Event, string Text);

/// <summary>What the servers of a lab logged, whatever its console shows.</summary>
internal sealed class ServerLog : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>Everything so far.</summary>
    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <summary>How often an event was logged with a text.</summary>
    public int Count(int number, string text) =>
        _lines.Count(line => line.Event == number && line.Text.Contains(text, StringComparison.Ordinal));

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new LogLine(category, eventId.Id, formatter(state, exception)));
    }
}
