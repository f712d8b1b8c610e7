using PrivacyPass;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.Tests.SpentTokens.Sqlite;

/// <summary>What waits for the writer of the file has a deadline, whether the writer comes or not.</summary>
public sealed class SpendQueueTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Nobody_waits_for_a_writer_longer_than_the_deadline_also_after_the_queue_was_idle()
    {
        using var queue = new SpendQueue(capacity: 4, TimeSpan.FromMilliseconds(50));
        for (var round = 0; round < 2; round++)
        {
            // The first is with the writer, the second waits for it.
            var taken = Ask(queue);
            Assert.Equal(1, queue.Take(_patience).Length);
            var waiting = Ask(queue);
            Assert.Equal((SpendOutcome.Unavailable, SpendOutcome.Unavailable), (await taken.WaitAsync(_patience), await waiting.WaitAsync(_patience)));
            Assert.True(queue.WatchesDeadlines);

            queue.Answer(committed: true);
            Assert.Equal(1, queue.Take(_patience).Length);
            queue.Answer(committed: true);
            // With nothing to wait for, its timer ends: what is asked next has to begin it again.
            using var deadline = new CancellationTokenSource(_patience);
            while (queue.WatchesDeadlines) await Task.Delay(TimeSpan.FromMilliseconds(5), deadline.Token);
        }
    }

    private static Task<SpendOutcome> Ask(SpendQueue queue) => queue.Ask(new SpentToken(default, TokenKeyId.Of("issuer"u8), long.MaxValue), spends: true).AsTask();
}
