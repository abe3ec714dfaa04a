using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace Watchword.Kms;

/// <summary>
/// What issuing measures and traces, on the meter and the activity source <see cref="SourceName"/>: how many key sets, how long,
/// how
/// long the audit log took. Nothing of a requester or a key is in a tag.
/// </summary>
public sealed class IssuanceInstruments : IDisposable
{
    /// <summary>Name of meter and activity source.</summary>
    public const string SourceName = "Watchword.Kms";

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ActivitySource _source = new(SourceName);
    private readonly Counter<long> _issued;
    private readonly Histogram<double> _issuing;
    private readonly Histogram<double> _appending;

    /// <summary>Instruments of one host.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public IssuanceInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(SourceName);
        InstrumentAdvice<double> advice = new() { HistogramBucketBoundaries = Seconds };
        _issued = meter.CreateCounter<long>("watchword.kms.key_sets.issued", "{key_set}", "Key sets given out.");
        _issuing = meter.CreateHistogram(
            "watchword.kms.issue.duration", "s", "Deriving and checking the key sets of one answer.", tags: null, advice);
        _appending = meter.CreateHistogram(
            "watchword.kms.audit.append.duration", "s", "Writing audit records to the disk, with what they record.", tags: null,
            advice);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    /// <summary>Key sets were given out.</summary>
    internal void Issued(int count) => _issued.Add(count);

    /// <summary>Measures until disposed: the cryptography of one answer.</summary>
    internal Timing Issuing() => new(_issuing, _source.StartActivity("issue"));

    /// <summary>Measures until disposed: a write to the audit log.</summary>
    internal Timing Appending() => new(_appending, _source.StartActivity("audit"));

    /// <summary>A measurement that ends when it is disposed of, and the span of the same name.</summary>
    internal readonly struct Timing : IDisposable
    {
        private readonly Histogram<double>? _histogram;
        private readonly Activity? _span;
        private readonly long _begin;

        internal Timing(Histogram<double> histogram, Activity? span)
        {
            _histogram = histogram;
            _span = span;
            // The processor's clock, not that of the domain: this is a duration.
            _begin = Stopwatch.GetTimestamp();
        }

        /// <summary>Records the duration.</summary>
        public void Dispose()
        {
            _histogram?.Record(Stopwatch.GetElapsedTime(_begin).TotalSeconds);
            _span?.Dispose();
        }
    }
}
