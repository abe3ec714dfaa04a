using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Watchword.Kms.Server.Tests.Support;

/// <summary>What a KMS counts about quirks, profiles and rules in the shadow, while it is listened to.</summary>
internal sealed class QuirkMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<string> _seen = [];

    public QuirkMeter(KmsHost host)
    {
        IMeterFactory factory = host.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory)
                && instrument.Name is "watchword.kms.quirks" or "watchword.kms.profiles" or "watchword.kms.shadow.would_refuse")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            string text = instrument.Name["watchword.kms.".Length..] + ' '
                + string.Join(' ', tags.ToArray().Where(tag => tag.Key != "watchword.kms.quirk.name").Select(tag => tag.Value));
            lock (_seen)
            {
                _seen.Add(text);
            }
        });
        _listener.Start();
    }

    /// <summary>The quirks, as <c>Q1 Streamwide</c>.</summary>
    public string[] Quirks => Of("quirks ");

    /// <summary>The profiles, as <c>Streamwide Evidence</c>.</summary>
    public string[] Profiles => Of("profiles ");

    /// <summary>What the shadow would refuse, as <c>KmsUri 40002 Strict</c>.</summary>
    public string[] WouldRefuse => Of("shadow.would_refuse ");

    public void Dispose() => _listener.Dispose();

    private string[] Of(string instrument)
    {
        lock (_seen)
        {
            return [.. _seen.Where(text => text.StartsWith(instrument, StringComparison.Ordinal))
                .Select(text => text[instrument.Length..])];
        }
    }
}
