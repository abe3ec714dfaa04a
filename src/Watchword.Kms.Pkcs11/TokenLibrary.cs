using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Watchword.Kms.Pkcs11;

/// <summary>
/// PKCS#11 libraries of this process. C_Initialize and C_Finalize are of the whole process, so a library that was loaded stays
/// until the process ends: two keys in one library would otherwise pull the ground from under each other.
/// </summary>
internal static class TokenLibrary
{
    private static readonly ConcurrentDictionary<string, Lazy<IPkcs11Library>> Loaded = new(StringComparer.Ordinal);
    private static readonly Lazy<bool> Resolver = new(SetResolver);

    /// <summary>The slot of the token with a label.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>.</exception>
    public static ISlot FindSlot(string library, string tokenLabel)
    {
        List<ISlot> found;
        try
        {
            _ = Resolver.Value;
            IPkcs11Library loaded = Loaded.GetOrAdd(library, path => new Lazy<IPkcs11Library>(() => Load(path))).Value;
            found = [.. loaded.GetSlotList(SlotsType.WithTokenPresent).Where(slot => slot.GetTokenInfo().Label == tokenLabel)];
        }
        catch (Exception fault) when (fault is UnmanagedException or Pkcs11Exception or DllNotFoundException)
        {
            throw new KmsException(KmsError.TokenUnavailable, $"{library}: {Describe(fault)}", fault);
        }

        return found is [{ } only]
            ? only
            : throw new KmsException(
                KmsError.TokenUnavailable, $"{found.Count} tokens are labelled {tokenLabel}, and there must be one");
    }

    /// <summary>The number of the fault as the standard names it, never content.</summary>
    public static string Describe(Exception fault) =>
        fault is Pkcs11Exception { } of ? $"{of.Method}: {of.RV}" : fault.GetType().Name;

    private static IPkcs11Library Load(string path)
    {
        Pkcs11InteropFactories factories = new();
        return factories.Pkcs11LibraryFactory.LoadPkcs11Library(factories, path, AppType.MultiThreaded);
    }

    // The binding asks for "libdl", a name that only development packages install, and that newer C libraries have merged.
    private static bool SetResolver()
    {
        NativeLibrary.SetDllImportResolver(typeof(Pkcs11InteropFactories).Assembly, (name, assembly, path) =>
            name == "libdl" && (NativeLibrary.TryLoad("libdl.so.2", assembly, path, out nint handle)
                || NativeLibrary.TryLoad("libc.so.6", assembly, path, out handle)
                || NativeLibrary.TryLoad("libc", assembly, path, out handle))
                    ? handle
                    : 0);
        return true;
    }
}
