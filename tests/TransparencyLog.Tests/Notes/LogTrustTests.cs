using Microsoft.Extensions.Time.Testing;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;

namespace TransparencyLog.Tests.Notes;

/// <summary>Which proofs are believed: signed by the log, cosigned by enough who are known and not long ago, and leading to the root.</summary>
public sealed class LogTrustTests : IDisposable
{
    private readonly NoteSigner _log = NoteSigner.Generate("log.example", NoteKeyKind.Note);
    private readonly NoteSigner[] _cosigners = [.. Enumerable.Range(0, 3).Select(static index => NoteSigner.Generate($"auditor{index}.example", NoteKeyKind.Cosignature))];
    private readonly NoteSigner _stranger = NoteSigner.Generate("auditor0.example", NoteKeyKind.Cosignature);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly MerkleTree _tree = Trees.Of(10);

    private static MerkleHash Leaf => MerkleHash.OfLeaf(Trees.Entry(4));

    private LogTrust Trust => new(_log.Key, [.. _cosigners.Select(static cosigner => cosigner.Key)], 2, TimeSpan.FromDays(1));

    [Fact]
    public void Two_of_three_known_cosigners_are_enough() => Assert.Equal(ProofFault.None, Check(Proof(_tree, _cosigners[..2])));

    [Fact]
    public void A_proof_is_read_as_it_was_written()
    {
        var proof = LogProof.Parse(Proof(_tree, _cosigners).ToString())!;
        Assert.Equal(ProofFault.None, Check(proof));
        Assert.NotNull(LogProof.Parse(proof.ToString().Replace("index", "extra AAAA\nindex", StringComparison.Ordinal)));
    }

    [Fact]
    public void One_known_cosigner_and_a_stranger_are_too_few() => Assert.Equal(ProofFault.TooFewCosigners, Check(Proof(_tree, [_cosigners[1], _stranger])));

    [Fact]
    public void One_cosigner_twice_is_one() => Assert.Equal(ProofFault.TooFewCosigners, Check(Proof(_tree, [_cosigners[1], _cosigners[1]])));

    [Fact]
    public void A_cosignature_of_another_checkpoint_is_wrong()
    {
        var proof = Proof(_tree, _cosigners);
        var fork = Proof(Trees.Of(10, "fork"), [_cosigners[0]]);
        Assert.Equal(ProofFault.BadCosignature, Check(proof with { Note = proof.Note.With(fork.Note.Signatures.Where(signature => signature.Name == "auditor0.example")) }));
    }

    [Fact]
    public void A_fork_that_the_log_signed_and_nobody_cosigned_is_not_believed() => Assert.Equal(ProofFault.TooFewCosigners, Check(Proof(Trees.Of(10, "fork"), [])));

    [Fact]
    public void A_proof_of_another_tree_does_not_lead_to_the_root()
    {
        var proof = Proof(_tree, _cosigners);
        Assert.Equal(ProofFault.NotIncluded, Check(proof with { Path = Trees.Of(10, "other").ProveInclusion(4, 10) }));
        Assert.Equal(ProofFault.NotIncluded, Check(proof with { Index = 5 }));
        Assert.Equal(ProofFault.NotIncluded, Trust.Check(proof, MerkleHash.OfLeaf(Trees.Entry(5)), _time.GetUtcNow()));
    }

    [Fact]
    public void A_checkpoint_of_another_log_or_without_the_logs_signature_is_not_believed()
    {
        using var other = NoteSigner.Generate("other.example", NoteKeyKind.Note);
        using var namesake = NoteSigner.Generate("log.example", NoteKeyKind.Note);
        Assert.Equal(ProofFault.OtherLog, Check(Proof(_tree, _cosigners, other)));
        Assert.Equal(ProofFault.NotSigned, Check(Proof(_tree, _cosigners, namesake)));
    }

    [Fact]
    public void A_checkpoint_that_was_cosigned_long_ago_or_in_the_future_is_not_believed()
    {
        var proof = Proof(_tree, _cosigners);
        Assert.Equal(ProofFault.None, Trust.Check(proof, Leaf, _time.GetUtcNow() + TimeSpan.FromHours(23)));
        Assert.Equal(ProofFault.Stale, Trust.Check(proof, Leaf, _time.GetUtcNow() + TimeSpan.FromHours(25)));
        Assert.Equal(ProofFault.Stale, Trust.Check(proof, Leaf, _time.GetUtcNow() - TimeSpan.FromMinutes(10)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2sp.org/tlog-proof@v1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex -1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v2\nindex 1\n\nlog.example\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nlog.example\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 log.example AAAAAAAA\n")]
    public void What_is_no_proof_is_none(string text) => Assert.Null(LogProof.Parse(text));

    public void Dispose()
    {
        foreach (var signer in _cosigners.Append(_log).Append(_stranger)) signer.Dispose();
    }

    private ProofFault Check(LogProof proof) => Trust.Check(proof, Leaf, _time.GetUtcNow());

    private LogProof Proof(MerkleTree tree, NoteSigner[] cosigners, NoteSigner? log = null)
    {
        log ??= _log;
        var text = new Checkpoint(log.Key.Name, tree.Size, tree.Root).Text;
        return new LogProof(4, tree.ProveInclusion(4, tree.Size), new SignedNote(text, [log.Sign(text, default), .. cosigners.Select(cosigner => cosigner.Sign(text, _time.GetUtcNow()))]));
    }
}
