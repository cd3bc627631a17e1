"""Have the members of a cluster found each other?"""

from sessiondoctor.api import Fine, HazelcastMembers, Problem, Severity, Unknown, Verdicts, check


@check(severity=Severity.CRITICAL, shows="members-not-met")
def members_missing(clusters: tuple[HazelcastMembers, ...]) -> Verdicts:
    """Members of a cluster have not found each other.

    A member that runs alone is content: it keeps its sessions to itself and logs no error. What counts is that members
    which all answer count fewer than they are; one that does not answer may be down.
    """
    for cluster in clusters:
        least = min(cluster.members, key=lambda member: member.cluster_size)
        if least.cluster_size < len(cluster.members):
            text = f"{least.place} sees {least.cluster_size} of {len(cluster.members)} running cluster members"
            seen = {member.place: member.cluster_size for member in cluster.members}
            yield Problem(text, subject=cluster.store, where=(cluster.store,), seen=seen)
        elif least.cluster_size < cluster.declared:
            silent = ", ".join(cluster.silent) or "another member"
            text = f"{least.place} sees {least.cluster_size} of {cluster.declared} members; {silent} does not answer"
            yield Unknown(text, subject=cluster.store)
        else:
            yield Fine(f"every member sees {least.cluster_size} members", subject=cluster.store)
