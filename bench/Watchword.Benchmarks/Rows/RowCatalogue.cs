using Watchword.Benchmarks.Measuring;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Rows;

/// <summary>All rows, in the order of every output.</summary>
internal static class RowCatalogue
{
    public static IReadOnlyList<Row> Create()
    {
        SakkeMasterKey sakkeMaster = SakkeMasterKey.Generate();
        SakkeKeyRows keys = new(sakkeMaster);
        SakkeMessageRows messages = new(sakkeMaster);
        EccsiRows eccsi = new(EccsiMasterKey.Generate());
        DerivedKeyRows derived = new();
        return
        [
            keys.Issue,
            keys.IssueBatch,
            keys.Validate,
            messages.EncapsulateNew,
            messages.EncapsulateBatch,
            messages.EncapsulateKnown,
            messages.DecapsulateTabled,
            messages.DecapsulateUntabled,
            keys.Table,
            TargetGroupRows.Power,
            eccsi.Issue,
            eccsi.IssueBatch,
            eccsi.Sign,
            eccsi.VerifyUnknown,
            eccsi.VerifyKnown,
            eccsi.Validate,
            eccsi.ValidateBatch,
            derived.Context,
            derived.Protect,
            derived.Unprotect,
        ];
    }
}
