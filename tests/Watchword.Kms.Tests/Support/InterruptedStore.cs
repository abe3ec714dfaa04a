using System.Reflection;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.Tests.Support;

/// <summary>A store behind whose intents something else happens.</summary>
public class InterruptedStore : DispatchProxy
{
    private IKmsStore _store = null!;
    private Func<Task> _meanwhile = null!;

    public static IKmsStore Around(IKmsStore store, Func<Task> meanwhile)
    {
        IKmsStore proxy = Create<IKmsStore, InterruptedStore>();
        ((InterruptedStore)(object)proxy)._store = store;
        ((InterruptedStore)(object)proxy)._meanwhile = meanwhile;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? result = targetMethod!.Invoke(_store, args);
        return targetMethod.Name == nameof(IIssuanceStore.BeginIssuanceAsync) ? ThenAsync((Task<AuditRecord>)result!) : result;
    }

    private async Task<AuditRecord> ThenAsync(Task<AuditRecord> intent)
    {
        AuditRecord record = await intent;
        await _meanwhile();
        return record;
    }
}
