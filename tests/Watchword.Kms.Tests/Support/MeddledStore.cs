using System.Reflection;

namespace Watchword.Kms.Tests.Support;

/// <summary>A store that has something else happen before or after a batch of prepared key sets is written.</summary>
public class MeddledStore : DispatchProxy
{
    private IKmsStore _store = null!;
    private Func<Task>? _before;
    private Action? _after;

    public static IKmsStore Around(IKmsStore store, Func<Task>? before = null, Action? after = null)
    {
        IKmsStore proxy = Create<IKmsStore, MeddledStore>();
        MeddledStore meddled = (MeddledStore)(object)proxy;
        (meddled._store, meddled._before, meddled._after) = (store, before, after);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IPreparedKeyStore.WritePreparedAsync)
            ? WriteAsync((PreparedBatch)args![0]!)
            : targetMethod.Invoke(_store, args);

    private async Task<Preparation?> WriteAsync(PreparedBatch batch)
    {
        await (_before?.Invoke() ?? Task.CompletedTask);
        Preparation? written = await _store.WritePreparedAsync(batch);
        _after?.Invoke();
        return written;
    }
}
