using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Watchword.Sip.Tests;

/// <summary>Sums of the counters of one stack, by instrument and the value of one tag.</summary>
internal sealed class Counters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new();

    public Counters(SipStack stack)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == SipStack.MeterName && ReferenceEquals(instrument.Meter.Scope, stack))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            _sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                _sums.AddOrUpdate($"{instrument.Name} {tag.Value}", value, (_, sum) => sum + value);
            }
        });
        _listener.Start();
    }

    public long this[string name] => _sums.GetValueOrDefault(name);

    public void Dispose() => _listener.Dispose();
}
