namespace Watchword.Benchmarks.Rows;

/// <summary>Keys made for one batch; the next batch gets others and these are disposed.</summary>
internal sealed class Disposables<TKey>(Func<TKey> create)
    where TKey : IDisposable
{
    private TKey[] keys = [];

    public ReadOnlyMemory<TKey> All => keys;

    public TKey this[int index] => keys[index];

    public void Renew(int count)
    {
        Array.ForEach(keys, key => key.Dispose());
        keys = new TKey[count];
        for (int i = 0; i < count; i++)
        {
            keys[i] = create();
        }
    }
}
