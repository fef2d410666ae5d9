"""Households and accounts: what several customers make up. Rules and `group` events in, traits of each customer out."""

from homing.core.registry import definition_kinds
from homing.profile.groups.book import GroupBook
from homing.profile.groups.definition import KIND, HouseholdRules
from homing.profile.groups.read import Group, Member, group_of, groups, groups_of, how_many

definition_kinds[KIND] = HouseholdRules

__all__ = ["KIND", "Group", "GroupBook", "HouseholdRules", "Member", "group_of", "groups", "groups_of", "how_many"]
