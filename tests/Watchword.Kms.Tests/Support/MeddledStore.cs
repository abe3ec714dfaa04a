using System.Reflection;

namespace Watchword.Kms.Tests.Support;

/// <summary>A store that has something else happen while a batch of key sets is prepared, and before or after it is
/// written.</summary>
public class MeddledStore : DispatchProxy
{
    private IKmsStore _store = null!;
    private Func<Task>? _before;
    private Action? _after;
    private Action? _during;

    public static IKmsStore Around(
        IKmsStore store, Func<Task>? before = null, Action? after = null, Action? during = null)
    {
        IKmsStore proxy = Create<IKmsStore, MeddledStore>();
        MeddledStore meddled = (MeddledStore)(object)proxy;
        (meddled._store, meddled._before, meddled._after, meddled._during) = (store, before, after, during);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IPreparedKeyStore.WritePreparedAsync))
        {
            return WriteAsync((PreparedBatch)args![0]!);
        }

        if (targetMethod.Name == nameof(ITransportKeyStore.FindTransportKeyClientsAsync))
        {
            _during?.Invoke();
        }

        return targetMethod.Invoke(_store, args);
    }

    private async Task<Preparation?> WriteAsync(PreparedBatch batch)
    {
        await (_before?.Invoke() ?? Task.CompletedTask);
        Preparation? written = await _store.WritePreparedAsync(batch);
        _after?.Invoke();
        return written;
    }
}
