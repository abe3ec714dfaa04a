namespace Watchword.Client;

/// <content>What renewal keeps: hints of the KMS, plans, and how they went.</content>
public sealed partial class KeyStore
{
    /// <summary>
    /// When the KMS wants the next key set of an identity to be fetched; null if it said nothing, or only of other times.
    /// </summary>
    internal PickUpHint? FindHint(string userUri, DateTimeOffset from, DateTimeOffset before) => Locked(c => c.PickUpHints.Find(h =>
        string.Equals(h.UserUri, userUri, StringComparison.Ordinal) && h.NotBefore < before && h.NotAfter > from));

    internal RenewalPlan? FindPlan(string name) => Locked(c => c.Plans.Find(p => string.Equals(p.Name, name, StringComparison.Ordinal)));

    internal void KeepPlan(RenewalPlan plan) => Change(content =>
    {
        DateTimeOffset now = _time.GetUtcNow();
        _ = content.Plans.RemoveAll(p => string.Equals(p.Name, plan.Name, StringComparison.Ordinal) || p.ForgetAfter < now);
        content.Plans.Add(plan);
    });

    private void KeepHints(IReadOnlyList<PickUpHint> hints)
    {
        foreach (PickUpHint hint in hints)
        {
            _ = _content.PickUpHints.RemoveAll(h => string.Equals(h.UserUri, hint.UserUri, StringComparison.Ordinal));
            _content.PickUpHints.Add(hint);
        }
    }
}
